const API_KEY = 'sk_live_your_key';
const BASE = 'https://userhero.co/api/v1';
